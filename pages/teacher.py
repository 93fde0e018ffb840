"""The teacher's page: there for those alone who came by the secret link."""

from playground.ui.teacher import teacher

teacher.draw()
