import type { Refusal, Scope } from '../../contracts/index.js';
import type { Product } from './catalog/products.js';

/**
 * Rules by which Amazon never serves a kind of account, as far as the profile itself tells:
 * agencies advertise through other APIs, authors have no Sponsored Brands, and purchased
 * products (`asins`) are reported to sellers only.
 */
export function notOffered(product: Product, recordType: string, scope: Scope): Refusal | undefined {
  const { type, subType } = scope.facts;
  const refusal = (message: string): Refusal => ({ reason: 'not_offered', message });
  if (type === 'agency') return refusal(`${product.title} is not offered to agencies`);
  if (product.code === 'sb' && subType === 'KDP_AUTHOR')
    return refusal('Sponsored Brands is not offered to KDP authors');
  if (recordType === 'asins' && type === 'vendor') return refusal('Asins reports are not offered to vendors');
  return undefined;
}
