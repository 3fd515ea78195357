"""What is found again of a life: by words, by meaning, and by when it was said."""
