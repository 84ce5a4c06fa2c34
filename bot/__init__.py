"""Bellwether: small caps break out, crypto is measured, one true message is sent."""

__version__ = "0.1.0"
