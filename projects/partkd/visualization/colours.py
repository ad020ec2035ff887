"""Colours that people who do not see all colours tell apart (Okabe and Ito, 2008)."""

BLUE, ORANGE, GREEN = '#0072B2', '#E69F00', '#009E73'
VERMILION, PURPLE, SKY, YELLOW = '#D55E00', '#CC79A7', '#56B4E9', '#F0E442'
GREY, BLACK = '#999999', '#000000'
# In the order in which they are taken; yellow, which is hard to see on white, is none of them.
COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY)
MARKERS = ('o', 's', '^', 'D', 'v', 'P', 'X', '*')
