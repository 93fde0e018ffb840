"""The class: what a teacher sees of all its seats, and decides for all of them. Nothing here draws.

`book` keeps what was decided, `secret` the key to the teacher's page; `wall` tells how far each seat is, `given` what
was guessed, `together` asks everybody to come and holds what is guessed, `leaving` makes one file for each learner. The
course asks the `book` whether a reveal is held and a stop is open, so screens, command line and programs get the same
answer.
"""
