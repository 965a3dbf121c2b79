// A product as a shopper sees it.
import type { ReactNode } from "react";
import type { Product } from "../../api/shopTypes";
import { Icon } from "../../parts/Icon";

interface ProductCardProps {
  readonly product: Product;
  readonly isPinned?: boolean;
  readonly children?: ReactNode;
}

export function ProductCard({ product, isPinned = false, children }: ProductCardProps) {
  const { _id, productTitle, variantTitle, price } = product;
  return (
    <article className="product card" aria-label={productTitle ?? _id}>
      <Picture product={product} />
      {isPinned && (
        <span className="pinned">
          <Icon name="pin" /> Pinned
        </span>
      )}
      <h3>{productTitle ?? _id}</h3>
      <p>
        <span>{variantTitle}</span>
        {price !== undefined && <strong>{priceText(price)}</strong>}
      </p>
      {children}
    </article>
  );
}

export function Picture({ product: { variantImageUrl } }: { product: Product }) {
  if (!variantImageUrl) return <span className="picture none" aria-hidden="true" />;
  return <img className="picture" src={variantImageUrl} alt="" loading="lazy" draggable={false} />;
}

/** The catalogue has no currency. */
export function priceText(price: number): string {
  return price.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}
