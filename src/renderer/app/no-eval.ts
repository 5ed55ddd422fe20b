import { z } from 'zod';

// Compiled schemas need eval, which the page's policy forbids. Imported before the schemas are made.
z.config({ jitless: true });
