import { z } from 'zod';
import { route } from '../route.ts';

export const GET = route({ role: 'public', summary: 'Whether this process answers at all', response: z.object({ status: z.literal('ok') }) }, async () => ({ status: 'ok' as const }));
