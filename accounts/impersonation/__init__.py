"""Staff looking at the product as somebody: for half an hour, with a reason that person reads, changing nothing."""
