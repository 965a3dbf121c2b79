"""`hd seed`."""

import time
from pathlib import Path

import click

from hippodrome.cli.confirm import refuse_real_data
from hippodrome.cli.options import root_option
from hippodrome.cli.output import duration, echo
from hippodrome.cli.running import open_running
from hippodrome.cli.shops import seed_of_environment, shop_of, told_plainly
from hippodrome.shop.filling import fill
from hippodrome.shop.products import SEED


@click.command("seed")
@click.option("--products", type=click.IntRange(1, 100_000), default=200, show_default=True, help="How many.")
@click.option("--index", default="shop", show_default=True, help="Which index; made when it is missing.")
@click.option("--key", metavar="KEY", help="API key of the account; else that of the seeded account `local`.")
@root_option
def command(products: int, index: str, key: str | None, project_root: Path | None) -> int:
    """Fill a shop with a made-up catalogue: variants, prices, collections, pictures. Changes data.

    The same HIPPODROME_RANDOM_SEED gives the same catalogue, and doing it twice adds nothing. Never done to a cell
    whose data is real.
    """
    running = open_running(project_root)
    refuse_real_data(running.plan, "`hd seed`")
    shop, seed, began = shop_of(running, key), seed_of_environment(SEED), time.monotonic()
    with told_plainly():
        count = fill(shop, index, products=products, seed=seed, say=echo)
    took = duration(time.monotonic() - began)
    echo(f"{products} products in {count} variants can be searched in `{index}` ({took}).")
    echo(f"  hd open console   or   curl {shop.search_url}/api/v1/indexes/{index}/search \\")
    echo(f"    -H 'x-api-key: {shop.key}' -H 'Content-Type: application/json' -d '{{\"q\": \"warm sweater\"}}'")
    return 0
