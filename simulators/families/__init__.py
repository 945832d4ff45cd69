"""How devices of each family speak: their repeats, twins, stored copies, last wills and known flaws."""
