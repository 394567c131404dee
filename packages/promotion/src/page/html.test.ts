import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Child, html, markup, nothing } from './html.ts';

const text = (value: Child): string => markup(html`<p title="${value}">${value}</p>`);

test('whatever is put in becomes letters, in text and in attributes', () => {
  assert.equal(
    text('<script>alert("1")</script>'),
    '<p title="&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;">&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;</p>',
  );
  assert.equal(text("' onload='x"), '<p title="&#39; onload=&#39;x">&#39; onload=&#39;x</p>');
});

test('no text at all can add a tag or end an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const made = text(value);
      assert.deepEqual(made.match(/[<>"'`]/g), ['<', '"', '"', '>', '<', '>']);
    }),
  );
});

test('templates nest, lists are joined, and what is not there is nothing', () => {
  const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);
  assert.equal(
    markup(html`<ul>${items}${undefined}${false}${nothing}${3}</ul>`),
    '<ul><li>a</li><li>&#60;b&#62;</li>3</ul>',
  );
});

test('a value where escaping does not protect is a mistake of whoever wrote the template', () => {
  const value = 'x';
  assert.throws(() => html`<a href=${value}>x</a>`, /must not stand in a tag/);
  assert.throws(() => html`<a ${value}>x</a>`, /must not stand in a tag/);
  assert.throws(() => html`<script>${value}</script>`, /must not stand in a script or style/);
  assert.throws(() => html`<style>${value}</style>`, /must not stand in a script or style/);
  assert.throws(() => html`<!-- ${value} -->`, /must not stand in a comment/);
  assert.doesNotThrow(
    () => html`<style>a > b {}</style><a title="1 > 0" href="x">${value}</a><br />${value}`,
  );
});
