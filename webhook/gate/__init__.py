"""One request from facts to verdict."""
