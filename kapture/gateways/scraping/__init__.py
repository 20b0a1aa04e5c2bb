"""Posts from the platforms: Apify actors find them, one normaliser per platform brings them into one shape."""
