import type { Random } from '../lib/random.js';

/** Entra asks for three of four classes; without 0 O o 1 l I | there is nothing to mistake when it is typed off a screen. */
const CLASSES = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '!#$%*+-=?@^_~'] as const;

const ALPHABET = CLASSES.join('');

const LENGTH = 24;

const EMERGENCY_LENGTH = 32;

const hasEveryClass = (text: string): boolean =>
  CLASSES.every((characters) => Array.from(text).some((character) => characters.includes(character)));

/** A password of 24 characters of all four classes, about 146 bits. */
export const generatePassword = (random: Random): string => generate(random, LENGTH);

/** The same of 32 characters, about 195 bits: for an account that stands above all others. */
export const generateEmergencyPassword = (random: Random): string => generate(random, EMERGENCY_LENGTH);

/**
 * Drawn whole and drawn again until every class is there, so that each such password is equally likely; fixing places
 * for classes would favour some.
 */
const generate = (random: Random, length: number): string => {
  for (;;) {
    const text = Array.from({ length }, () => ALPHABET.charAt(random.below(ALPHABET.length))).join('');
    if (hasEveryClass(text)) return text;
  }
};
