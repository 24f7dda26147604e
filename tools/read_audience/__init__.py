"""Reading back how a publication fares at the platform: counts, comments, analytics and reach."""
