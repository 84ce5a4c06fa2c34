"""Receiving updates: long polling, its error policy, and the order of processing."""
