# What the official Python client makes of the house. Called by ../openai-python.services.ts, which says in the variable
# GATEHOUSE where the house is, the client's key, and what the texts are.
import asyncio
import json
import os
import re
import unittest

import openai

HOUSE = json.loads(os.environ['GATEHOUSE'])
MODEL = HOUSE['model']
SAID = HOUSE['said']
ANSWER = f'You said: {SAID}'
MESSAGES = [{'role': 'user', 'content': SAID}]
PARAMETERS = {'type': 'object', 'properties': {'text': {'type': 'string'}}}
TOOLS = [{'type': 'function', 'function': {'name': name, 'parameters': PARAMETERS}} for name in ('send_mail', 'call_bank')]
CONNECTION = {'base_url': HOUSE['url'], 'api_key': HOUSE['key'], 'max_retries': 0, 'timeout': 30}


def text_of(chunks, index=0):
    """The text of one choice."""
    return ''.join(choice.delta.content or '' for chunk in chunks for choice in chunk.choices if choice.index == index)


def endings(chunks):
    """Why each choice ended, in the order in which they did."""
    return [(choice.index, choice.finish_reason) for chunk in chunks for choice in chunk.choices if choice.finish_reason]


class Client(unittest.TestCase):
    def setUp(self):
        self.client = openai.OpenAI(**CONNECTION)
        self.addCleanup(self.client.close)

    def chat(self, **more):
        return self.client.chat.completions.create(**{'model': MODEL, 'messages': MESSAGES, **more})

    def test_chat_whole(self):
        answer = self.chat()
        self.assertEqual([(one.message.content, one.finish_reason) for one in answer.choices], [(ANSWER, 'stop')])
        self.assertEqual(answer.usage.prompt_tokens, HOUSE['tokens'])

    def test_chat_streamed_with_usage(self):
        chunks = list(self.chat(stream=True, stream_options={'include_usage': True}))
        self.assertEqual(text_of(chunks), ANSWER)
        self.assertEqual(endings(chunks), [(0, 'stop')])
        self.assertEqual([(chunk.choices, chunk.usage.prompt_tokens) for chunk in chunks if chunk.usage], [([], HOUSE['tokens'])])
        self.assertEqual(chunks[-1].choices, [])

    def test_chat_streamed_without_usage(self):
        chunks = list(self.chat(stream=True))
        self.assertEqual(text_of(chunks), ANSWER)
        self.assertTrue(all(len(chunk.choices) == 1 and chunk.usage is None for chunk in chunks))

    def test_chat_streamed_to_the_asynchronous_client(self):
        async def ask():
            async with openai.AsyncOpenAI(**CONNECTION) as client:
                stream = await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)
                return [chunk async for chunk in stream]
        self.assertEqual(text_of(asyncio.run(ask())), ANSWER)

    def test_two_choices(self):
        self.assertEqual([(one.index, one.message.content) for one in self.chat(n=2).choices], [(0, ANSWER), (1, ANSWER)])
        chunks = list(self.chat(n=2, stream=True))
        self.assertEqual([text_of(chunks, 0), text_of(chunks, 1)], [ANSWER, ANSWER])
        self.assertEqual(endings(chunks), [(0, 'stop'), (1, 'stop')])

    def test_tool_calls(self):
        asked = {'model': MODEL, 'messages': MESSAGES, 'tools': TOOLS, 'metadata': {'echo': 'tools=2'}}
        with self.client.chat.completions.stream(**asked) as stream:
            streamed = stream.get_final_completion()
        for answer in (self.chat(**asked), streamed):
            choice = answer.choices[0]
            self.assertEqual(choice.finish_reason, 'tool_calls')
            self.assertEqual([call.function.name for call in choice.message.tool_calls], ['send_mail', 'call_bank'])
            for call in choice.message.tool_calls:
                text = json.loads(call.function.arguments)['text']
                self.assertNotEqual(text, SAID)
                email = re.sub('EMAIL_1_[a-z0-9]{8}', 'jane.roe@example.co.uk', text)
                self.assertEqual(re.sub('CARD_1_[a-z0-9]{8}', '4539 1488 0343 6467', email), SAID)

    def test_embeddings(self):
        asked = {'model': MODEL, 'input': ['one text', 'and another'], 'dimensions': 8}
        decoded = self.client.embeddings.create(**asked).data
        floats = self.client.embeddings.create(**asked, encoding_format='float').data
        self.assertEqual([(one.index, len(one.embedding)) for one in decoded], [(0, 8), (1, 8)])
        for one, other in zip(decoded, floats, strict=True):
            self.assertEqual(list(one.embedding), list(other.embedding))
        self.assertNotEqual(list(decoded[0].embedding), list(decoded[1].embedding))
        self.assertEqual(self.client.embeddings.create(model=MODEL, input=SAID).usage.prompt_tokens, HOUSE['heard'])

    def test_moderations(self):
        results = self.client.moderations.create(model=MODEL, input=[SAID, 'and another']).results
        self.assertEqual([(one.flagged, one.categories.violence) for one in results], [(False, False), (False, False)])

    def test_moderations_without_a_model(self):
        self.assertEqual(len(self.client.moderations.create(input=SAID).results), 1)

    def test_models(self):
        models = list(self.client.models.list())
        self.assertEqual([model.id for model in models], [MODEL, 'strict', 'discreet'])
        for model in models:
            self.assertEqual(self.client.models.retrieve(model.id), model)
        with self.assertRaises(openai.NotFoundError):
            self.client.models.retrieve('guarded')

    def test_completions(self):
        answer = self.client.completions.create(model=MODEL, prompt=SAID)
        self.assertEqual([(one.text, one.finish_reason) for one in answer.choices], [(ANSWER, 'stop')])
        self.assertEqual(answer.usage.prompt_tokens, HOUSE['heard'])
        chunks = list(self.client.completions.create(model=MODEL, prompt=SAID, stream=True))
        self.assertEqual(''.join(one.text for chunk in chunks for one in chunk.choices), ANSWER)
        self.assertEqual(chunks[-1].choices[0].finish_reason, 'stop')

    def test_errors(self):
        for kind, status, code, told in (
            (openai.NotFoundError, 404, 'model_not_found', {'model': 'nobody'}),
            (openai.BadRequestError, 400, 'invalid_body', {'messages': []}),
            (openai.BadRequestError, 400, 'content_filter', {'model': 'strict'}),
            (openai.RateLimitError, 429, 'rate_limit_exceeded', {'metadata': {'echo': 'fail=429'}}),
            (openai.InternalServerError, 503, None, {'metadata': {'echo': 'fail=503'}}),
        ):
            for stream in (False, True):
                with self.subTest(told=told, stream=stream), self.assertRaises(kind) as caught:
                    self.chat(**told, stream=stream)
                self.assertEqual((caught.exception.status_code, caught.exception.code), (status, code))
                self.assertNotIn('jane', str(caught.exception))

    def test_block_of_what_would_be_said(self):
        with self.assertRaises(openai.BadRequestError) as caught:
            self.chat(model='discreet')
        self.assertEqual(caught.exception.code, 'content_filter')

    def test_wrong_key(self):
        stranger = self.client.with_options(api_key='another-key')
        with self.assertRaises(openai.AuthenticationError) as caught:
            stranger.chat.completions.create(model=MODEL, messages=MESSAGES)
        self.assertEqual(caught.exception.code, 'invalid_api_key')
        with self.assertRaises(openai.AuthenticationError):
            stranger.models.list()

    def test_error_in_mid_stream(self):
        chunks = []
        with self.assertRaises(openai.APIError) as caught:
            for chunk in self.chat(stream=True, metadata={'echo': 'error-after=4'}):
                chunks.append(chunk)
        self.assertEqual(caught.exception.type, 'server_error')
        self.assertEqual(caught.exception.message, 'The echo provider was told to break off here.')
        self.assertEqual(text_of(chunks), 'You said: ')

    def test_block_in_mid_stream(self):
        messages = [{'role': 'user', 'content': HOUSE['told'] + HOUSE['untold']}]
        for n in (1, 2):
            usage = {'include_usage': True}
            chunks = list(self.chat(model='discreet', messages=messages, n=n, stream=True, stream_options=usage))
            for index in range(n):
                self.assertEqual(text_of(chunks, index), f"You said: {HOUSE['told']}")
            self.assertEqual(endings(chunks), [(index, 'content_filter') for index in range(n)])
            self.assertEqual(endings(chunks[-n:]), endings(chunks), 'nothing follows')


if __name__ == '__main__':
    unittest.main()
