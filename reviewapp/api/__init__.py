"""The machines' door: schema in, one service, schema out."""
