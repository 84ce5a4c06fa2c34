"""Keys of a pydantic model of a file, as people write them, and what each holds."""

from __future__ import annotations

import types
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.yamlfile.document import KeyPath


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Fields of a model by the names that people write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def fields_at(model: type[BaseModel] | None, path: KeyPath) -> dict[str, FieldInfo]:
    """Fields of the model that stands at `path` inside of `model`; none where none does."""
    annotation: Any = model
    for part in path:
        owner = model_in(annotation)
        if owner is None:
            annotation = item_of(annotation)
        else:
            field = keys_of(owner).get(str(part))
            annotation = field.annotation if field is not None else None
    owner = model_in(annotation)
    return keys_of(owner) if owner is not None else {}


def model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation names, as it is or among others."""
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            return member
    return None


def item_of(annotation: Any) -> Any:
    """What the list or mapping that an annotation names holds; None where it names neither."""
    for member in _members(annotation):
        if get_origin(member) in (list, tuple, dict):
            return [part for part in get_args(member) if part is not Ellipsis][-1]
    return None


def _members(annotation: Any) -> list[Any]:
    """The annotation itself, or what its optional, union or Annotated wraps."""
    if get_origin(annotation) is Annotated:
        return _members(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [member for part in get_args(annotation) for member in _members(part)]
    return [annotation]
