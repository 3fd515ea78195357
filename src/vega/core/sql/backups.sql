-- What is asked of a copy of a life. It holds also for copies that an older Vega made.

-- name: count_turns
SELECT coalesce(sum(turn_count), 0) FROM tier_totals
