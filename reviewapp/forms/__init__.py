"""What a person may submit to the review half."""
