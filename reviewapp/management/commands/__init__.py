"""Small doors: parse, call one service, print."""
