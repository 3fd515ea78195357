"""A damaged life, read page by page, and put together anew beside it."""
