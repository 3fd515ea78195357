"""The past in short: summaries of answers, digests of days, weeks, months and years."""
