"""Moving the time at which an approved video that waits to be shown is shown, at YouTube or in the local library."""
