/** A hook parses each thing once: what zod would compile for doing it a thousand times is not worth its time. Imported before any schema. */
import * as z from 'zod';

z.config({ jitless: true });
