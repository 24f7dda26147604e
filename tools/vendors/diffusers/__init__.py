"""diffusers: any text-to-image pipeline that lies on this machine."""
