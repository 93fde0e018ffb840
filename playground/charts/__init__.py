"""Figures: each module draws one noun, as a Plotly figure with the table that says the same.

Nothing here knows Streamlit. Colours have one meaning each (`playground.theme`); `look` gives every figure its frame.
"""
