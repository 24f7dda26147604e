"""Taking in a finished film: made safe, brought into the studio's own shape, with its captions and pictures for the thumbnail."""
