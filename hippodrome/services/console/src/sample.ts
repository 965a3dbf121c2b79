// Six products for a first look at search.
import { addDocuments } from "./api/documents";
import { ApiError } from "./api/error";
import { createIndex } from "./api/indexes";
import type { Document } from "./api/types";

export const SAMPLE_INDEX = "sample-products";
export const SAMPLE_MODEL = "hf/e5-base-v2";
export const SAMPLE_QUERY = "jacket for a rainy hike";
const TENSOR_FIELDS = ["title", "description"];

export const SAMPLE_PRODUCTS: readonly Document[] = [
  {
    _id: "rain-jacket",
    title: "Ridgeline rain jacket",
    description: "A light waterproof jacket with taped seams, for a rainy hike in the hills.",
    category: "outdoor",
    price: 129,
  },
  {
    _id: "wool-sweater",
    title: "Harbour wool sweater",
    description: "A thick knitted sweater of undyed wool that keeps you warm on cold evenings.",
    category: "clothing",
    price: 89,
  },
  {
    _id: "trail-shoes",
    title: "Scree trail shoes",
    description: "Grippy running shoes for muddy trails, with a low drop and quick laces.",
    category: "outdoor",
    price: 110,
  },
  {
    _id: "pour-over",
    title: "Slow morning coffee set",
    description: "A ceramic pour-over dripper, a glass jug and forty paper filters.",
    category: "kitchen",
    price: 42,
  },
  {
    _id: "desk-lamp",
    title: "Meridian desk lamp",
    description: "A dimmable reading lamp with a warm light and a heavy brass foot.",
    category: "home",
    price: 75,
  },
  {
    _id: "tent",
    title: "Two nights tent",
    description: "A tent for two that stands in three minutes and stays dry in heavy rain.",
    category: "outdoor",
    price: 240,
  },
];

/** Makes the index if it is not there yet, and puts the products into it. */
export async function createSample(): Promise<void> {
  try {
    await createIndex({ name: SAMPLE_INDEX, model: SAMPLE_MODEL, type: "unstructured" });
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "index_already_exists")) throw error;
  }
  await addDocuments(SAMPLE_INDEX, SAMPLE_PRODUCTS, TENSOR_FIELDS);
}
