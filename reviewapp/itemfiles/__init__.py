"""Files and folders of items → rows, one at a time, each with its place in the file."""
