"""Comparing a channel's uploads with the publications on record, after a restore that may have put the records behind the channel."""
