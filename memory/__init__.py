"""What the studio remembers: shared vocabulary, tables, repositories, media store, recall, ledger."""
