"""The file that holds a life: its driver, its rows, its archive, and the stores of each part."""
