"""Pictures: pure functions from facts to PNG, run in the worker process, and the requests for them."""
