"""Reading a folder of pictures and clips of one's own."""
