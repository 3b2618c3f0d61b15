"""A declaration of more than 400,000 tokens."""
print('lab x { domain = "example.net", operators = ["age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq"] }')
print("let a = [")
print("  1,\n" * 400_000 + "]")
