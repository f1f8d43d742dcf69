"""A meeting is one to two hours that a pair spends together: planned, then held, missed or cancelled."""
