"""What the client costs and what it keeps, as figures that anyone can measure again."""
