"""The kinds of payload: each validated by decoding it, and measured. Plain Python."""
