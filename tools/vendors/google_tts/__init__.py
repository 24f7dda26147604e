"""Google Cloud Text-to-Speech voices over REST, and a stand-in of the API."""
