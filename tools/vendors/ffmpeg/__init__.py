"""FFmpeg as separate processes: its GPL codecs never enter ours."""
