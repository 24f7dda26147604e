"""YouTube's Data API v3: the port and the real client, what its errors mean, what it costs in quota, and a stand-in that speaks it."""
