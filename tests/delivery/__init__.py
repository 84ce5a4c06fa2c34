"""Tests of the outbox worker: pure tables first, then the real store with a messenger that writes down what it got."""
