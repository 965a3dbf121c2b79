"""Pictures of products, drawn here: small SVG images as data URIs, so that no page needs the network."""

from urllib.parse import quote

SIDE = 240  # pixels, in width and in height

# what a kind of thing looks like, in a square of 24 units, from above and in front alike
SHAPES: dict[str, str] = {
    "shirt": "M8 3 3 6l2 5 2-1v11h10V10l2 1 2-5-5-3c-1 2-7 2-8 0z",
    "trousers": "M7 3h10l1 18h-5l-1-11-1 11H6z",
    "dress": "M9 3h6l-1 6 5 12H5l5-12z",
    "shoe": "M3 8v9h18v-3c0-2-5-2-8-6l-3 1c-3 1-5 0-7-1z",
    "bag": "M8 8V6a4 4 0 0 1 8 0v2h4l1 13H3L4 8zm2 0h4V6a2 2 0 0 0-4 0z",
    "lamp": "M8 3h8l3 8H5zm3 8h2v7h3v3H8v-3h3z",
    "chair": "M6 3h2v9h9v9h-2v-6H8v6H6z",
    "sofa": "M3 10h3v4h12v-4h3v8H3zm3-4h12v4h-1v2H7v-2H6z",
    "vase": "M9 3h6v3c-1 2 3 5 3 9s-3 6-6 6-6-2-6-6 4-7 3-9z",
    "rug": "M3 7h18v10H3zm2 2v6h14V9zm2 2h10v2H7z",
}


def picture(shape: str, ink: str, paper: str) -> str:
    """A data URI. `shape` is one of SHAPES, `ink` and `paper` are CSS colours."""
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}" viewBox="0 0 24 24">'
        f'<rect width="24" height="24" fill="{paper}"/>'
        f'<path d="{SHAPES[shape]}" fill="{ink}" stroke="#0003" stroke-width=".4"/></svg>'
    )
    return "data:image/svg+xml," + quote(drawing, safe=" /:='<>")
