import type { Random } from './random.ts';

export interface Product {
  sku: string;
  name: string;
  priceCents: number;
  /** How often it is bought, relative to the others. */
  weight: number;
}

export interface Customer {
  id: string;
  name: string;
  email: string;
  language: 'de' | 'en' | 'es' | 'fr' | 'pl';
}

export const PRODUCTS: readonly Product[] = [
  ['TEA-ASSAM-250', 'Assam tea, 250 g', 890, 9], ['TEA-EARL-250', 'Earl Grey, 250 g', 950, 8], ['TEA-MINT-100', 'Peppermint leaves, 100 g', 540, 5],
  ['COF-ETH-500', 'Ethiopia Yirgacheffe, 500 g', 1490, 9], ['COF-BRA-1000', 'Brazil Santos, 1 kg', 1990, 7], ['COF-DECAF-500', 'Decaf blend, 500 g', 1390, 3],
  ['MUG-BLUE', 'Stoneware mug, blue', 1250, 6], ['MUG-SAND', 'Stoneware mug, sand', 1250, 4], ['CUP-ESP-4', 'Espresso cups, set of 4', 2890, 3],
  ['POT-GLASS-1L', 'Glass teapot, 1 l', 3490, 3], ['POT-CAST-800', 'Cast-iron teapot, 0.8 l', 5990, 1], ['KET-GOOSE', 'Gooseneck kettle', 7900, 2],
  ['GRD-HAND', 'Hand grinder, ceramic burr', 6490, 2], ['GRD-ELEC', 'Electric grinder', 18900, 1], ['FLT-V60-100', 'Paper filters, 100', 590, 8],
  ['DRP-V60', 'Dripper, porcelain', 2290, 3], ['AER-PRESS', 'Travel press', 3690, 2], ['SCL-BREW', 'Brewing scale with timer', 4590, 2],
  ['HON-ACA-500', 'Acacia honey, 500 g', 1190, 4], ['SUG-CAND-500', 'Candy sugar, 500 g', 390, 3], ['BIS-BUTTER', 'Butter biscuits', 490, 7],
  ['CHO-70-100', 'Chocolate 70 %, 100 g', 420, 8], ['CHO-MILK-100', 'Milk chocolate, 100 g', 390, 6], ['GIFT-BOX-S', 'Gift box, small', 1990, 3],
  ['GIFT-BOX-L', 'Gift box, large', 4990, 1], ['CARD-25', 'Gift card 25 EUR', 2500, 2], ['TOW-LINEN-2', 'Linen tea towels, 2', 1790, 2],
  ['SPN-OAK', 'Oak tea scoop', 690, 2], ['TIN-250', 'Tea tin, 250 g', 790, 3], ['CLN-TABS', 'Cleaning tablets, 10', 850, 4],
].map(([sku, name, priceCents, weight]) => ({ sku, name, priceCents, weight }) as Product);

const TOTAL_WEIGHT = PRODUCTS.reduce((sum, product) => sum + product.weight, 0);

const GIVEN = ['Ana', 'Lukas', 'Zofia', 'Émile', 'Marta', 'Jürgen', 'Chloé', 'Piotr', 'Nora', 'Søren', 'Inés', 'Tom', 'Aylin', 'Mateo', 'Greta', 'Ruth', 'Óscar', 'Hanna', 'Yusuf', 'Elena'];
const FAMILY = ['Müller', 'Kowalska', 'García', 'Dubois', 'O’Brien', 'Nowak', 'Schmidt', 'Lindqvist', 'Rossi', 'Fernández', 'Weber', 'Yılmaz'];
const LANGUAGES = ['de', 'en', 'es', 'fr', 'pl'] as const;

/** The regulars of the shop: always the same people, whatever the seed. */
export const CUSTOMERS: readonly Customer[] = Array.from({ length: 120 }, (_, index) => {
  const given = GIVEN[(index * 7) % GIVEN.length]!;
  const family = FAMILY[(index * 5 + Math.floor(index / 20)) % FAMILY.length]!;
  const address = `${given}.${family}`.normalize('NFD').toLowerCase().replaceAll(/[^a-z.]/g, '');
  return { id: `cus-${1001 + index}`, name: `${given} ${family}`, email: `${address}${index}@example.com`, language: LANGUAGES[index % LANGUAGES.length]! };
});

/** One product, the popular ones more often. */
export function pickProduct(random: Random): Product {
  let left = random.next() * TOTAL_WEIGHT;
  for (const product of PRODUCTS) {
    left -= product.weight;
    if (left < 0) return product;
  }
  return PRODUCTS[0]!;
}
