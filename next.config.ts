import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // These run native code, own sockets or locate files beside themselves: they must stay outside the bundle.
  serverExternalPackages: ['@prisma/client', '@prisma/adapter-pg', 'pg', 'pino', '@opentelemetry/sdk-node', '@opentelemetry/api'],
  // Types are checked by `npm run types` (TypeScript 7), which Next's own checker does not drive.
  typescript: { ignoreBuildErrors: true },
  turbopack: {
    resolveAlias: {
      // Parts of recharts that its import of everything by name would bring, and our charts never use: each file says why. Only recharts imports these names.
      'victory-vendor/d3-scale': './components/chart-scale.ts',
      'decimal.js-light': './components/no-decimal.ts',
    },
  },
  experimental: { optimizePackageImports: ['lucide-react', 'radix-ui', 'recharts'] },
};

export default config;
