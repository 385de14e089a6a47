"""`python -m deploy.local up|down|status|demo|backup|restore|servers|with-servers`."""

from deploy.local.commands import main

main(prog_name="python -m deploy.local")
