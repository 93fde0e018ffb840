"""Export: what a workspace holds, written as a project that stands without this one."""
