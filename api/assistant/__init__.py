"""The MCP server: what AI assistants may ask of the studio, over its HTTP service and with the permissions of a program's token."""
