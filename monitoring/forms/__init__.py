"""What a person may submit to the measuring half."""
