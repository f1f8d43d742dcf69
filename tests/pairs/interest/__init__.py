"""Both are asked, one after the other, whether they wish to meet."""
